import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { preferences } from './preferences.svelte';

preferences.load();
mount(App, { target: document.getElementById('app')! });
